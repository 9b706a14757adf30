"""Every rule of the local Lambda, seen from outside: real workers, or a raw client on the Runtime API's port."""
