"""A Frame becomes the page bytes of a panel. In the dialect; no library."""
