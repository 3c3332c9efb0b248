"""A list that doubles."""
data = [1.0]
while True:
    data += data
