/* Says which system calls the caller may make: "syscall NAME ERRNO" for each, tried in a child with arguments that do no harm. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
  const char *name;
  long number, a, b, c, d, e;
};

/* clang-format off */
#define CALL(name, ...) {#name, SYS_##name, __VA_ARGS__}
#define BAD 1 /* an address that is none */

static const struct call calls[] = {
    CALL(acct, BAD), CALL(add_key, BAD, BAD), CALL(adjtimex, BAD), CALL(bpf, 99), CALL(chroot, BAD), CALL(clock_adjtime, 0, BAD),
    CALL(clock_settime, 0, BAD), CALL(clone3, BAD, 0), {"clone(NEWUSER)", SYS_clone, 0x10000011}, {"clone(NEWNS)", SYS_clone, 0x20011},
    CALL(delete_module, BAD), CALL(fanotify_init, 0x800000), CALL(finit_module, -1), CALL(fsconfig, -1), CALL(fsmount, -1),
    CALL(fsopen, BAD), CALL(fspick, -1, BAD), CALL(get_mempolicy, BAD), CALL(init_module, BAD), CALL(io_uring_setup, 0, BAD),
    CALL(io_uring_enter, -1), CALL(kcmp, 1, 1, 99), CALL(kexec_load, 0, 99, BAD, -1), CALL(keyctl, 99),
    CALL(landlock_create_ruleset, BAD, 1), CALL(mbind, BAD), CALL(memfd_secret, 99), CALL(migrate_pages, 1, 0, BAD), CALL(mknodat, -1, BAD),
    CALL(modify_ldt, 99), CALL(mount, BAD, BAD, BAD), CALL(mount_setattr, -1, BAD, 0, BAD), CALL(move_mount, -1, BAD, -1, BAD),
    CALL(move_pages, 1, 1, BAD), {"mseal", 462, 1, 1, 1}, CALL(name_to_handle_at, -1, BAD), CALL(open_by_handle_at, -1, BAD),
    CALL(open_tree, -1, BAD), CALL(openat2, -1, BAD), CALL(perf_event_open, BAD), {"personality(0)", SYS_personality, 0},
    {"personality(query)", SYS_personality, 0xffffffff}, {"personality(ADDR_NO_RANDOMIZE)", SYS_personality, 0x40000},
    {"personality(-1)", SYS_personality, -1}, CALL(pidfd_getfd, -1), CALL(pidfd_open, -1), CALL(pivot_root, BAD, BAD),
    CALL(process_madvise, -1), CALL(process_vm_readv, 1, BAD, 1), CALL(ptrace, 99, 1), CALL(quotactl, BAD), CALL(quotactl_fd, -1),
    CALL(reboot, 0), CALL(request_key, BAD), CALL(sched_setattr, 0, BAD), CALL(set_mempolicy, 99), CALL(setdomainname, BAD, -1),
    CALL(sethostname, BAD, -1), CALL(setns, -1), CALL(settimeofday, BAD), {"socket(ALG)", SYS_socket, 38, 5},
    {"socket(VSOCK)", SYS_socket, 40, 1}, {"socket(NETLINK)", SYS_socket, 16, 3}, {"socket(PACKET)", SYS_socket, 17, 3},
    {"socket(INET,RAW)", SYS_socket, 2, 3, 1}, {"statmount", 457, BAD}, CALL(swapoff, BAD), CALL(swapon, BAD), CALL(syslog, 3, 0, 0),
    CALL(umount2, BAD), {"unshare(NEWUSER)", SYS_unshare, 0x10000000}, {"unshare(NEWNS)", SYS_unshare, 0x20000}, CALL(userfaultfd, 1),
    CALL(ustat, 0, BAD),
#ifdef __x86_64__
    CALL(_sysctl, BAD), CALL(ioperm, 0, 1, 1), CALL(iopl, 0), CALL(lookup_dcookie, 0, BAD), CALL(uselib, BAD), CALL(create_module, BAD),
    {"x32 getpid", 0x40000027},
#endif
    {"unknown 1000", 1000}};
/* clang-format on */

int main(void) {
  for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
    const struct call *c = &calls[i];
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
      long result = syscall(c->number, c->a, c->b, c->c, c->d, c->e);
      _exit(result < 0 ? errno : 0);
    }
    int status = 0;
    while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) printf("syscall\t%s\tkilled by %d\n", c->name, WTERMSIG(status));
    else printf("syscall\t%s\t%s\n", c->name, WEXITSTATUS(status) ? strerror(WEXITSTATUS(status)) : "ok");
  }
  return 0;
}
