"""The only place that wires: settings, command line, demonstration."""
