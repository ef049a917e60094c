#!/bin/sh
# Says what a container sees of itself, a fact a line: kind, key and value with tabs between. Run inside, by busybox.
# shellcheck disable=SC2012 # names of the kernel; busybox has no -printf
row() { printf '%s\t%s\t%s\n' "$1" "$2" "$3"; }
rows() { while IFS= read -r line; do row "$1" "${line%%	*}" "${line#*	}"; done; }

for ns in cgroup ipc mnt net pid time user uts; do
  row namespace $ns "$(readlink /proc/self/ns/$ns)"
done
awk '{ o = ""; for (i = 7; i <= NF && $i != "-"; i++) { sub(/:.*/, "", $i); o = o " " $i }
  sub(/^/, "", o); print $5 "\t" $6 o " " $(i + 1) " " $(i + 3) " root=" $4 }' /proc/self/mountinfo | rows mount
find /dev | sort | while IFS= read -r f; do
  if [ -L "$f" ]; then row device "$f" "-> $(readlink "$f")"; else row device "$f" "$(stat -c '%A %u:%g %t:%T' "$f")"; fi
done
sed -n 's/^\(Umask\|Uid\|Gid\|Groups\|SigQ\|SigPnd\|SigBlk\|SigIgn\|SigCgt\|Cap[A-Za-z]*\|NoNewPrivs\|Seccomp\|Seccomp_filters\|Cpus_allowed\|Mems_allowed\|NSpid\|THP_enabled\|CoreDumping\|Speculation[A-Za-z_]*\):[[:space:]]*\(.*\)/\1\t\2/p' \
  /proc/self/status | tr -s ' ' | rows status
sed 's/  */ /g' /proc/self/limits | sed 1d | awk '{ n = $1 " " $2; i = 3; while ($i !~ /^([0-9]+|unlimited)$/) { n = n " " $i; i++ } print n "\t" $i " " $(i + 1) }' | rows limit
for f in oom_score_adj loginuid personality comm timerslack_ns; do row process $f "$(cat /proc/self/$f 2>&1)"; done
row process 'uid map' "$(tr -s ' \n' ' ' </proc/self/uid_map)"
row process cwd "$(pwd)"
row process 'pid 1' "$(tr '\0' ' ' </proc/1/cmdline)"
row process 'pid 1 name' "$(cat /proc/1/comm)"
row process nice "$(awk '{ print $19 }' /proc/self/stat)"
row process terminal "$([ -t 0 ] && tty || echo none)"
row process 'open files' "$(for f in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/1/fd/$f ] && readlink /proc/1/fd/$f | sed 's/[0-9][0-9]*/N/'; done | tr '\n' ' ')"
tr '\0' '\n' </proc/1/environ | sed 's/=/\t/' | sort | rows environment
for key in net.ipv4.ip_unprivileged_port_start net.ipv4.ping_group_range net.core.somaxconn net.ipv4.ip_forward kernel.domainname kernel.hostname \
  kernel.msgmax kernel.shmmax kernel.shm_rmid_forced fs.mqueue.msg_max; do
  row sysctl $key "$(cat "/proc/sys/$(echo "$key" | tr . /)" 2>&1)"
done
row name hostname "$(hostname)"
for f in hosts hostname resolv.conf; do
  row name "/etc/$f" "$(stat -c '%A %u:%g' /etc/$f) $(grep -v '^#' /etc/$f | tr '\n' '|')"
done
for f in memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes memory/memory.soft_limit_in_bytes memory/memory.swappiness memory/memory.oom_control cpu/cpu.shares \
  cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpuset/cpuset.cpus pids/pids.max \
  memory.max memory.low memory.swap.max cpu.max cpu.weight cpuset.cpus pids.max; do
  [ -e /sys/fs/cgroup/$f ] && row cgroup $f "$(tr '\n' ' ' </sys/fs/cgroup/$f)"
done
for f in /proc/sys/kernel/domainname /proc/sysrq-trigger /proc/irq/x /proc/bus/x /sys/x /sys/fs/cgroup/x /sys/fs/cgroup/memory/x /x /dev/x /dev/shm/x /tmp/x /etc/hosts; do
  case $f in */x) [ -e "$f" ] && continue ;; esac
  if (: >>$f) 2>/dev/null; then row writable $f yes; else row writable $f "$( (: >>$f) 2>&1 | sed 's/.*: //')"; fi
  case $f in */x) rm -f $f 2>/dev/null ;; esac
done
for f in /proc/kcore /proc/keys /proc/timer_list /proc/acpi /proc/scsi /proc/interrupts /proc/asound /proc/latency_stats /sys/firmware /sys/devices/virtual/powercap; do
  if [ -d $f ]; then row masked $f "directory of $(ls $f 2>/dev/null | wc -l)"
  elif [ -e $f ]; then row masked $f "file, first bytes: $(head -c 20 $f 2>/dev/null | wc -c)"
  else row masked $f absent; fi
done
row root entries "$(ls -A / | tr '\n' ' ')"
/probe/syscalls
