"""Where the outside comes in: strict JSON, limits, decompression, guarded fetch."""
