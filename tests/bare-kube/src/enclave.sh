# The first process of an enclave, with a network, mounts and a process tree of its own.
# $1: folder of the cluster; $2: addresses of the nodes; $3: addresses of Services.
set -eu
PATH=$PATH:/usr/sbin:/sbin

# Places that programs write to without asking; what they leave there goes with us.
: > "$1/made-folders"
for dir in /var/lib/cni /var/lib/kubelet /var/log/containers; do
    if [ ! -d $dir ]; then
        mkdir -p $dir
        echo $dir >> "$1/made-folders"
    fi
    mount -t tmpfs tmpfs $dir
done
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/cluster /run/kernel

# Short paths to the same files: one to a socket may not be longer than 107 bytes.
mount --bind "$1" /run/cluster

# A kubelet sets these for the whole machine. Here it writes into copies.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops \
    kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
    copy=/run/kernel/$(echo $setting | tr / .)
    cat /proc/sys/$setting > "$copy"
    mount --bind "$copy" /proc/sys/$setting
done

ip link set lo up
ip link add nodes type bridge
for address in $2; do
    ip address add "$address/32" dev nodes
done
ip link set nodes up
# Nobody has these addresses, but without a way to them no packet would meet the rules that lead
# it to a pod.
ip route add "$3" dev nodes src "${2%% *}"
echo 1 > /proc/sys/net/ipv4/ip_forward

: > "$1/enclave"
# Whoever loses his parent becomes our child, and must be buried by us.
while :; do
    sleep 3600 &
    wait
done
