echo asleep
exec sleep infinity
