"""The artifact: what Lambda unpacks to /var/task. `fig package` makes it, and never writes half of one."""
