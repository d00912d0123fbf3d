"""The stores on SQLite, through sqlite-utils."""
