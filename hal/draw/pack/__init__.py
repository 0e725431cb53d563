"""The baked glyphs, how they were baked, and whose they are. Not in the dialect: only the bytes go to a till."""
