# Many writers on both streams at once.
for _ in 1 2 3 4; do
  yes out &
  yes err >&2 &
done
wait
