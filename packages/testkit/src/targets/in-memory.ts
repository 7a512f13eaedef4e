/**
 * A shell's function that makes a folder for files which are soon gone: in memory, until the end of the mounts that it is called among. Written
 * to a disk and removed again, they would take ten times the time of the processor. Where little memory is free, it is a folder as any other.
 */
export const IN_MEMORY = `in_memory() {
  mkdir -p "$1"
  ! awk '$1 == "MemAvailable:" { exit !($2 > 6000000) }' /proc/meminfo || mount -t tmpfs -o mode=755 tmpfs "$1"
}`
