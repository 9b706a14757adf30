"""The local front doors, held against recorded events and AWS's documentation."""
