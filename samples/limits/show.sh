#!/bin/sh
# Prints this container's limits, from cgroup v2's files or v1's, whichever the machine has.
value() { # NAME FILE…
  name=$1
  shift
  for file; do
    [ -r "$file" ] && echo "$name: $(cat "$file")" && return
  done
  echo "$name: not visible"
}
cd /sys/fs/cgroup || exit 1
value memory memory.max memory/memory.limit_in_bytes
if [ -r cpu.max ]; then value cpu cpu.max; else value cpu-quota cpu/cpu.cfs_quota_us; value cpu-period cpu/cpu.cfs_period_us; fi
value pids pids.max pids/pids.max
# shellcheck disable=SC3045 # each shell has it
echo "nofile: $(ulimit -n)"
echo ready
exec sleep 1000000
