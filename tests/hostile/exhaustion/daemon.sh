# A daemon of the usual make, which keeps the streams and speaks later.
(setsid bash -c 'trap "" HUP TERM INT; (sleep 0.3; echo LATE; echo LATE >&2; sleep 60; echo LATE) & disown; sleep 60' &)
echo done
