# What one finds in books on leaving containers, by the tools that every image has.
find_breach() { echo "BREACH: $1"; }
for socket in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock /run/crio/crio.sock; do
    [ -e "$socket" ] && find_breach "$socket"
done
for secret in /var/run/secrets/kubernetes.io /run/secrets /root/.ssh/id_rsa /root/.docker/config.json /home/*/.ssh "$HOME"/.aws; do
    [ -r "$secret" ] && find_breach "$secret"
done
for host in /host /mnt/host /hostfs /rootfs /proc/1/root/etc /var/lib/docker /var/lib/kubelet; do
    ls "$host" > /dev/null 2>&1 && find_breach "$host"
done
(exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null && find_breach 'a shell server'
(exec 3<>/dev/tcp/172.17.0.1/2375) 2>/dev/null && find_breach 'an engine'
(exec 3<>/dev/udp/169.254.169.254/80) 2>/dev/null && find_breach 'metadata'
echo 1 2>/dev/null > /proc/sys/kernel/core_pattern && find_breach core_pattern
echo b 2>/dev/null > /proc/sysrq-trigger && [ "$(stat -c %t:%T /proc/sysrq-trigger)" != 1:3 ] && find_breach sysrq
echo /box/main.sh 2>/dev/null > /sys/kernel/uevent_helper && find_breach uevent_helper
ulimit -c unlimited 2>/dev/null && find_breach 'core dumps'
ulimit -Hn 100000 2>/dev/null && find_breach 'open files'
ulimit -u unlimited 2>/dev/null && find_breach 'processes'
nsenter --target 1 --all true 2>/dev/null && find_breach nsenter
unshare -Ur true 2>/dev/null && find_breach unshare
chroot /tmp true 2>/dev/null && find_breach chroot
mount --bind /box /tmp 2>/dev/null && find_breach mount
renice -n -5 $$ > /dev/null 2>&1 && find_breach renice
chrt -f 1 true 2>/dev/null && find_breach chrt
date -s 2001-01-01 > /dev/null 2>&1 && find_breach date
hostname evil 2>/dev/null && find_breach hostname
dmesg > /dev/null 2>&1 && find_breach dmesg
sysctl -w kernel.hostname=evil > /dev/null 2>&1 && find_breach sysctl
losetup -a 2>/dev/null | grep -q . && find_breach losetup
grep -q polyground /proc/self/cgroup && find_breach 'the name of its cgroup'
kill -9 1 2>/dev/null
kill -STOP $PPID 2>/dev/null
[ "$(ps -e 2>/dev/null | grep -vc -e PID -e ps -e bash -e grep -e agent)" -gt 0 ] && find_breach 'other processes'
echo "on $(hostname 2>/dev/null || cat /etc/hostname)"
echo 'done'
