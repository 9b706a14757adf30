"""The live page of a migration: how far it is, whether the new side is as good, what is left; and the buttons."""
