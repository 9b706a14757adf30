"""What is known of how the two sides agree: written by the function, read by people. Nothing in it changes routing."""
