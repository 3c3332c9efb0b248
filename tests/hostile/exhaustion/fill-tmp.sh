# Fills every place that can be written to. Each has an end, and the ends together are below the bound on memory.
for place in /tmp /dev/shm "$HOME" /box; do
  n=0
  while ((n < 64)) && head -c 16M /dev/zero >"$place/fill$n" 2>/tmp/why; do ((n++)); done
  if ((n < 64)); then echo "$place: full"; else echo "$place: ENDLESS"; fi
  rm -f "$place"/fill*
done
echo "still here"
