"""What `doctor` looks at, one kind of thing a file. All of it works offline."""
