# Crashes by every signal that leaves a core file, then looks for one.
ulimit -c unlimited 2>/dev/null && echo ALLOWED
ulimit -c
for signal in QUIT ILL TRAP ABRT BUS FPE SEGV SYS XCPU XFSZ; do
  for place in /box /tmp /dev/shm; do (cd "$place" && bash -c "kill -$signal \$\$") 2>/dev/null; done
done
find /box /tmp /dev/shm "$HOME" -name '*core*' -size +0
echo "no more"
