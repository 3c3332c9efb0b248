# The golden list of /dev, and that nothing of a terminal is there.
cd /dev && for name in *; do
    if [ -L "$name" ]; then echo "$name -> $(readlink "$name")"
    elif [ -d "$name" ]; then echo "$name/"
    else stat -c '%n %F %t:%T %A' "$name"; fi
done
for name in null zero full random urandom; do [ -c "/dev/$name" ] || echo "BREACH: $name"; done
for fd in 0 1 2; do [ -t "$fd" ] && echo "BREACH: $fd is a terminal"; done
if (exec 3<>/dev/tty) 2>/dev/null; then echo 'BREACH: a terminal'; else echo 'no terminal'; fi
if (exec 3<>/dev/console) 2>/dev/null; then echo 'BREACH: a console'; else echo 'no console'; fi
touch /dev/new 2>/dev/null && echo 'BREACH: a file in /dev'
[ "$(head -c 4 /dev/zero | od -An -tx1)" = ' 00 00 00 00' ] && echo 'zeros are zeros'
echo x > /dev/full 2>/dev/null || echo 'full is full'
echo 'done'
