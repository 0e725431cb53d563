"""Many light tills at once: real journals on the disk, the real courier, real MQTT; no panel, no printer."""
