import ctypes

from probe import refused

for ring in (-1, -2, -3, -4, -5):
    refused(f"add to ring {ring}", "add_key", b"user", b"mark", b"secret", 6, ring)
refused("search", "request_key", b"user", b"mark", None, -3)
refused("join a session", "keyctl", 1, b"polyground")
refused("describe", "keyctl", 6, -3, ctypes.create_string_buffer(256), 256)
refused("read", "keyctl", 11, -4, ctypes.create_string_buffer(256), 256)
refused("take over", "keyctl", 4, 0, 1000, 1000)
print("done")
