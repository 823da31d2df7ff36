/* Process 1 of the guest: runs one command and powers the machine off.
 *
 * The host leaves the command in the initramfs as NUL-separated strings:
 * /run/ringscope/argv, /run/ringscope/env, /run/ringscope/mounts (each: type, source,
 * directory, and "make" if the directory is to be made), /run/ringscope/cwd, and, for
 * an exact run, /run/ringscope/stdin.  The
 * kernel has opened descriptors 0, 1 and 2 and mounted /dev and /proc.  Every orphan is reaped;
 * when the command ends the rest is killed, "exit STATUS" goes to /dev/ringscope
 * (0..255, or 128 + signal), and the power goes off.
 *
 * Read from main() at the end upwards. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTROL "/dev/ringscope"
#define FOLDER  "/run/ringscope/"

enum {
	STATUS_OURS = 125, /* we failed, not the command */
	STATUS_NOT_RUNNABLE = 126,
	STATUS_NOT_FOUND = 127,
};

struct command { /* its environment is ours: environ */
	char **argv;
	char **mounts; /* of four strings each */
	char *cwd;
};

static void complain(const char *what, const char *name, int why)
{
	dprintf(2, "ringscope: %s%s: %s\n", what, name, strerror(why));
}

/* The whole file in fresh memory with two final NULs; NULL with errno set if it
 * cannot be read.  Its size without the NULs goes to *size. */
static char *file_load(const char *path, size_t *size)
{
	struct stat st;
	char *text = NULL;
	size_t got = 0;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0)
		text = calloc(1, st.st_size + 2);
	while (text && got < (size_t)st.st_size && (n = read(fd, text + got, st.st_size - got)) > 0)
		got += n;
	if (n < 0) {
		free(text);
		text = NULL;
	}
	close(fd);
	*size = got;
	return text;
}

/* NUL-separated strings as a NULL-terminated vector; NULL with errno set. */
static char **vector_load(const char *path)
{
	size_t size, count = 0, at;
	char *text = file_load(path, &size);
	char **vector;

	if (!text)
		return NULL;
	for (at = 0; at < size; at += strlen(text + at) + 1)
		count++;
	vector = calloc(count + 1, sizeof(*vector));
	if (!vector)
		return NULL;
	count = 0;
	for (at = 0; at < size; at += strlen(text + at) + 1)
		vector[count++] = text + at;
	return vector;
}

static int command_load(struct command *command)
{
	static char default_path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
				     "/sbin:/bin";
	static char *default_env[] = { default_path, NULL };
	size_t size;

	command->argv = vector_load(FOLDER "argv");
	if (!command->argv) {
		complain("nothing to run: ", FOLDER "argv", errno);
		return -1;
	}
	if (!command->argv[0] || !command->argv[0][0]) {
		dprintf(2, "ringscope: nothing to run: %sargv is empty\n", FOLDER);
		return -1;
	}
	environ = vector_load(FOLDER "env");
	if (!environ)
		environ = default_env;
	command->mounts = vector_load(FOLDER "mounts");
	command->cwd = file_load(FOLDER "cwd", &size);
	return 0;
}

/* In the child of a vfork: memory is the parent's, so nothing here changes any. */
static _Noreturn void command_exec(const struct command *command)
{
	setsid();
	if (isatty(0))
		ioctl(0, TIOCSCTTY, 0); /* also makes our group the foreground one */
	if (command->cwd && command->cwd[0] && chdir(command->cwd) < 0) {
		complain("cannot enter ", command->cwd, errno);
		_exit(STATUS_OURS);
	}
	execvp(command->argv[0], command->argv); /* PATH and all else from environ */
	if (errno == ENOENT && !strchr(command->argv[0], '/')) {
		dprintf(2, "ringscope: %s: command not found\n", command->argv[0]);
		_exit(STATUS_NOT_FOUND);
	}
	complain("cannot run ", command->argv[0], errno);
	_exit(errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_RUNNABLE);
}

/* The command's standard input where the host packed it: an exact run's. */
static void input_take(void)
{
	int fd = open(FOLDER "stdin", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, 0);
	close(fd);
}

static pid_t command_start(const struct command *command)
{
	pid_t pid = vfork();

	if (pid == 0)
		command_exec(command);
	return pid;
}

/* Collect every child until pid ends; its status as a shell would say it. */
static int command_wait(pid_t pid)
{
	int status;
	pid_t ended;

	do {
		ended = wait4(-1, &status, 0, NULL);
		if (ended < 0 && errno != EINTR) {
			complain("cannot wait for the command", "", errno);
			return STATUS_OURS;
		}
	} while (ended != pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* As pid 1, -1 means everyone else. */
static void rest_kill(void)
{
	if (kill(-1, SIGKILL) < 0 && errno == ESRCH)
		return;
	while (wait4(-1, NULL, 0, NULL) > 0 || errno == EINTR)
		;
}

/* Mount what the kernel should have mounted already. */
static void mount_missing(const char *probe, const char *target, const char *type)
{
	if (access(probe, F_OK) == 0)
		return;
	mkdir(target, 0755);
	if (mount(type, target, type, 0, NULL) < 0)
		complain("cannot mount ", target, errno);
}

/* The directory and those above it. */
static void directory_make(char *path)
{
	for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	mkdir(path, 0755);
}

/* A directory of the host's tree that memory hides, at its own place again. */
static int shown_mount(const char *source, const char *directory)
{
	char *below = NULL;
	int status;

	if (asprintf(&below, "%stree%s", FOLDER, directory) < 0)
		return -1;
	mkdir(FOLDER "tree", 0755);
	status = mount(source, FOLDER "tree", "9p", MS_RDONLY | MS_NODEV, NULL);
	if (status == 0) {
		status = mount(below, directory, NULL, MS_BIND, NULL);
		umount2(FOLDER "tree", MNT_DETACH);
	}
	free(below);
	return status;
}

static int places_mount(char **m)
{
	for (; m && m[0] && m[1] && m[2] && m[3]; m += 4) {
		const char *type = m[0], *source = m[1];
		char *directory = m[2];

		if (strcmp(m[3], "make") == 0)
			directory_make(directory);
		if ((strcmp(type, "bind") == 0
			     ? shown_mount(source, directory)
			     : mount(source, directory, type, MS_NODEV, NULL)) < 0) {
			complain("cannot mount ", directory, errno);
			return -1;
		}
	}
	return 0;
}

static _Noreturn void machine_stop(int status)
{
	char line[32];
	int length = snprintf(line, sizeof(line), "exit %d\n", status);
	int fd = open(CONTROL, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, line, length) != length)
		complain("cannot report the exit status to ", CONTROL, errno);
	reboot(RB_POWER_OFF);
	complain("cannot power off", "", errno);
	for (;;)
		pause();
}

int main(void)
{
	struct command command;
	pid_t pid;
	int status = STATUS_OURS;

	if (getpid() != 1) {
		dprintf(2, "ringscope: init is for process 1 of the guest only\n");
		return STATUS_OURS;
	}
	mount_missing("/proc/self", "/proc", "proc");
	mount_missing(CONTROL, "/dev", "devtmpfs");
	input_take();
	if (command_load(&command) == 0 && places_mount(command.mounts) == 0) {
		pid = command_start(&command);
		if (pid > 0)
			status = command_wait(pid);
		else
			complain("cannot start ", command.argv[0], errno);
		rest_kill();
	}
	machine_stop(status);
}
