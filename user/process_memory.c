/* Looking into another process, as debuggers do: process_memory.
 *
 * A child keeps a secret and waits.  The parent, which was told only where the secret
 * is, reads it with process_vm_readv, changes it by writing to /proc/PID/mem, and the
 * child finds it changed.  Neither process maps the other's memory.  In the trace: the
 * child sleeps in read all the while and takes part in nothing;
 * process_vm_readv is one call of the parent that the kernel answers by walking the
 * child's page table.  Who may do this?  Who may trace: same user, or root. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char secret[32] = "nobody knows";

static int child(int tell, int wait_here)
{
	char byte = 0;

	snprintf(secret, sizeof(secret), "the child's own secret");
	if (write(tell, &byte, 1) != 1 || read(wait_here, &byte, 1) != 1)
		return 1;
	printf("child finds:  %s\n", secret);
	return 0;
}

/* The secret of process pid, by the call made for that. */
static void secret_read(pid_t pid)
{
	char copy[sizeof(secret)] = "";
	struct iovec mine = { copy, sizeof(copy) }, its = { secret, sizeof(secret) };

	if (process_vm_readv(pid, &mine, 1, &its, 1, 0) < 0)
		perror("process_vm_readv");
	printf("parent's own: %s\n", secret);
	printf("child's:      %s\n", copy);
	fflush(stdout);
}

/* The same place as a file: what debuggers write breakpoints through. */
static void secret_write(pid_t pid)
{
	static const char changed[] = "read and changed";
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDWR);
	if (fd < 0 || pwrite(fd, changed, sizeof(changed), (uintptr_t)secret) < 0)
		perror(path);
	close(fd);
}

int main(void)
{
	int ready[2], go[2];
	char byte = 0;
	pid_t pid;

	if (pipe(ready) || pipe(go))
		return 1;
	pid = fork();
	if (pid == 0)
		return child(ready[1], go[0]);
	if (read(ready[0], &byte, 1) != 1)
		return 1;
	secret_read(pid);
	secret_write(pid);
	if (write(go[1], &byte, 1) != 1)
		return 1;
	waitpid(pid, NULL, 0);
	return 0;
}
