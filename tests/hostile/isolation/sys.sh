# /sys tells of the host's hardware: nested runs have none, single-use ones have Docker's, read-only and without firmware.
if [ -z "$(ls -A /sys 2>/dev/null)" ]; then echo 'no /sys'; else
    echo 'Docker'"'"'s /sys'
    find /sys -writable -type f 2>/dev/null | while read -r file; do (exec 3>>"$file") 2>/dev/null && echo "BREACH: $file"; done
    [ -n "$(ls -A /sys/firmware 2>/dev/null)" ] && echo 'BREACH: firmware'
    [ -n "$(ls -A /sys/devices/virtual/powercap 2>/dev/null)" ] && echo 'BREACH: powercap'
    mkdir /sys/fs/cgroup/memory/x 2>/dev/null && echo 'BREACH: a cgroup'
    for file in /sys/kernel/uevent_helper /sys/power/state /sys/kernel/mm/transparent_hugepage/enabled /sys/module/*/parameters/*; do
        (exec 3>>"$file") 2>/dev/null && echo "BREACH: $file"
    done
    [ -n "$(ls -A /sys/kernel/debug /sys/kernel/tracing /sys/kernel/security 2>/dev/null | grep -v ':$' | grep .)" ] && echo 'BREACH: debugging'
fi
echo 'done'
