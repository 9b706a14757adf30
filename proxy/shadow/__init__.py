"""Comparing what the two sides answer: pure functions, loaded when the first comparison runs."""
