#include "tracer/vm/machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/vm/answers.h"
#include "tracer/vm/arguments.h"

/* isa-debug-exit and modern virtio-serial behave as needed from this version on. */
#define QEMU_MAJOR_MIN 6

/* What the kernel may queue towards us before it has to wait. */
#define TRACE_BUFFER (4 << 20)

const char *machine_program(void)
{
	const char *program = getenv("RINGSCOPE_QEMU");

	return program && *program ? program : "qemu-system-x86_64";
}

/* In the child, up to exec: only what is safe there.  parent 0: it may outlive it. */
static _Noreturn void child_run(const struct arguments *a, const int theirs[PORT_LIMIT],
				const int files[2], pid_t parent, int report)
{
	const int null = open("/dev/null", O_RDWR);
	sigset_t none;
	int error;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* QEMU dies with us, and the terminal's Ctrl-C is for us alone. */
	if (parent) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(125);
		setpgid(0, 0);
	} else {
		setsid(); /* nor does it end with the terminal */
	}
	dup2(null, 0);
	dup2(theirs[PORT_QEMU], 1);
	dup2(theirs[PORT_QEMU], 2);
	for (int port = 0; port < PORT_LIMIT; port++)
		if (port != PORT_QEMU)
			fcntl(theirs[port], F_SETFD, 0);
	fcntl(files[0], F_SETFD, 0);
	fcntl(files[1], F_SETFD, 0);
	execvp(a->list[0], (char *const *)a->list);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(125);
	_exit(127);
}

static void ports_close(int ports[PORT_LIMIT])
{
	for (int port = 0; port < PORT_LIMIT; port++) {
		if (ports[port] >= 0)
			close(ports[port]);
		ports[port] = -1;
	}
}

/* Sockets of a run directory: by port. */
static const char *const socket_names[PORT_LIMIT] = {
	[PORT_TRACE] = "trace",  [PORT_INPUT] = "stdin",     [PORT_OUTPUT] = "stdout",
	[PORT_ERROR] = "stderr", [PORT_LOG] = "log",         [PORT_CORE] = "core",
	[PORT_EARLY] = "early",  [PORT_MONITOR] = "monitor",
};

/* Listening sockets for QEMU, and us as the first of those who connect. */
static bool ports_listen(const struct run_directory *d, int ours[PORT_LIMIT],
			 int theirs[PORT_LIMIT])
{
	for (int port = 0; port < PORT_LIMIT; port++) {
		if (!socket_names[port])
			continue;
		theirs[port] = run_directory_listen(d, socket_names[port]);
		ours[port] = theirs[port] < 0 ? -1 : run_directory_connect(d, socket_names[port]);
		if (ours[port] < 0)
			return false;
	}
	return true;
}

static bool ports_open(const struct run_directory *d, int ours[PORT_LIMIT], int theirs[PORT_LIMIT])
{
	const int size = TRACE_BUFFER;
	int pair[2];

	for (int port = 0; port < PORT_LIMIT; port++)
		ours[port] = theirs[port] = -1;
	if (d && !ports_listen(d, ours, theirs))
		return false;
	for (int port = 0; port < PORT_LIMIT; port++) {
		if (ours[port] >= 0)
			continue;
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
			return false;
		ours[port] = pair[0];
		theirs[port] = pair[1];
	}
	/* Beyond the system's limit if we may. */
	if (setsockopt(theirs[PORT_TRACE], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(theirs[PORT_TRACE], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return true;
}

/* Did exec work?  0, or its errno. */
static int report_read(int report)
{
	int error = 0;
	ssize_t got;

	do
		got = read(report, &error, sizeof(error));
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(error) ? error : 0;
}

static int machine_fork(struct machine *m, const struct arguments *a, const int theirs[PORT_LIMIT],
			int initramfs, pid_t parent)
{
	int report[2], error;

	if (pipe2(report, O_CLOEXEC) < 0)
		return errno;
	m->pid = fork();
	if (m->pid == 0)
		child_run(a, theirs, (const int[]){ initramfs, m->memory }, parent, report[1]);
	error = m->pid < 0 ? errno : 0;
	close(report[1]);
	if (!error)
		error = report_read(report[0]);
	close(report[0]);
	if (error && m->pid > 0)
		waitpid(m->pid, &m->wait_status, 0);
	if (error)
		m->pid = 0;
	return error;
}

static bool port_followed(int port)
{
	return port != PORT_INPUT && port != PORT_QEMU && port != PORT_MONITOR;
}

/* QEMU gets files; sockets[] keep what it would have got. */
static bool files_open(int theirs[PORT_LIMIT], int sockets[PORT_LIMIT])
{
	bool good = true;

	for (int port = 0; port < PORT_LIMIT; port++) {
		sockets[port] = -1;
		if (!port_followed(port))
			continue;
		sockets[port] = theirs[port];
		theirs[port] = follow_file();
		good = good && theirs[port] >= 0;
	}
	return good;
}

/* Follow the files into the sockets; both are given away. */
static int files_follow(struct machine *m, int theirs[PORT_LIMIT], int sockets[PORT_LIMIT],
			struct error *why)
{
	int files[PORT_LIMIT], to[PORT_LIMIT];
	unsigned count = 0;

	for (int port = 0; port < PORT_LIMIT; port++) {
		if (!port_followed(port))
			continue;
		files[count] = theirs[port];
		to[count++] = sockets[port];
		theirs[port] = sockets[port] = -1;
	}
	return follow_start(&m->follow, m->pid, files, to, count, why);
}

#define RAM_NAME "ringscope-ram"

/* Of this size for ever: who maps it need not fear that it shrinks. */
static int memory_open(unsigned mib)
{
	const int fd = memfd_create(RAM_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, (off_t)mib << 20) < 0 ||
			fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

int machine_memory(int pid)
{
	static const char name[] = "/memfd:" RAM_NAME;
	char path[64], target[64];
	struct dirent *entry;
	DIR *directory;
	int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = opendir(path);
	while (directory && fd < 0 && (entry = readdir(directory))) {
		const ssize_t length =
			readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);

		if (length > 0 && strncmp(target, name, sizeof(name) - 1) == 0)
			fd = openat(dirfd(directory), entry->d_name, O_RDWR | O_CLOEXEC);
	}
	if (directory)
		closedir(directory);
	return fd;
}

int machine_start(struct machine *m, const struct machine_config *config, struct error *why)
{
	struct arguments a;
	int theirs[PORT_LIMIT], sockets[PORT_LIMIT];
	int error = 0, followed = 0;

	*m = (struct machine){ .memory = memory_open(config->memory + config->answers) };
	if (m->memory < 0)
		return error_set(why, 125, "cannot make memory for the guest: %s", strerror(errno));
	if (config->answers &&
	    answers_begin(m->memory, (uint64_t)config->memory << 20, config->answered, why))
		return 125;
	memset(sockets, -1, sizeof(sockets)); /* none */
	if (!ports_open(config->directory, m->port, theirs) ||
	    (config->exact && !config->mute && !files_open(theirs, sockets))) {
		error = errno;
		ports_close(m->port);
		ports_close(theirs);
		ports_close(sockets);
		return error_set(why, 125, "cannot make sockets for QEMU: %s", strerror(error));
	}
	arguments_make(&a, config, m->memory, theirs);
	arguments_tell(&m->arguments, &a);
	error = a.failed ? E2BIG
			 : machine_fork(m, &a, theirs, config->initramfs,
					config->directory ? 0 : getpid());
	arguments_free(&a);
	if (!error && config->exact && !config->mute)
		followed = files_follow(m, theirs, sockets, why);
	ports_close(theirs);
	ports_close(sockets);
	if (!error)
		return followed;
	ports_close(m->port);
	return error_set(why, 125, "cannot start %s: %s; %s", machine_program(), strerror(error),
			 getenv("RINGSCOPE_QEMU")
				 ? "see $RINGSCOPE_QEMU"
				 : "install qemu-system-x86 or set $RINGSCOPE_QEMU");
}

int machine_attach(struct machine *m, int pid, const struct run_directory *directory,
		   struct error *why)
{
	*m = (struct machine){ .pid = pid, .memory = machine_memory(pid) };
	for (int port = 0; port < PORT_LIMIT; port++)
		m->port[port] = -1;
	m->adopted = pidfd_open(pid, 0);
	if (m->adopted < 0)
		return error_set(why, 125, "process %d: %s", pid, strerror(errno));
	/* The trace last: who waits for its tracer has the other ports by then. */
	for (int port = PORT_LIMIT - 1; port >= 0; port--) {
		if (!socket_names[port])
			continue;
		m->port[port] = run_directory_connect(directory, socket_names[port]);
		if (m->port[port] < 0) {
			error_set(why, 125, "%s/%s: %s", directory->path, socket_names[port],
				  strerror(errno));
			machine_leave(m);
			return 125;
		}
	}
	return 0;
}

void machine_leave(struct machine *m)
{
	ports_close(m->port);
	if (m->adopted)
		close(m->adopted);
	m->pid = m->adopted = 0;
	buffer_free(&m->arguments);
}

bool machine_ended(struct machine *m)
{
	struct pollfd ended = { .fd = m->adopted, .events = POLLIN };

	if (m->adopted) {
		if (m->pid && poll(&ended, 1, 0) > 0)
			m->pid = 0;
		return m->pid == 0;
	}
	if (m->pid && waitpid(m->pid, &m->wait_status, WNOHANG) == m->pid)
		m->pid = 0;
	return m->pid == 0;
}

void machine_kill(struct machine *m)
{
	struct pollfd ended = { .fd = m->adopted, .events = POLLIN };

	if (!m->pid)
		return;
	/* The group: a wrapper script may have started it as a child. */
	kill(-m->pid, SIGKILL);
	kill(m->pid, SIGKILL);
	while (m->adopted ? poll(&ended, 1, -1) < 0 : waitpid(m->pid, &m->wait_status, 0) < 0) {
		if (errno != EINTR)
			break;
	}
	m->pid = 0;
}

void machine_followed(struct machine *m)
{
	follow_finish(m->follow);
	m->follow = NULL;
}

void machine_close(struct machine *m)
{
	machine_kill(m);
	ports_close(m->port);
	machine_followed(m);
	machine_leave(m);
}

void machine_forget(struct machine *m)
{
	if (m->memory >= 0)
		close(m->memory);
	m->memory = -1;
}

bool machine_version(char *text, unsigned size)
{
	int out[2], wait;
	ssize_t got = -1;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		const int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(out[1], 1);
		dup2(null, 2);
		execlp(machine_program(), machine_program(), "--version", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	if (pid > 0) {
		got = read(out[0], text, size - 1);
		kill(pid, SIGKILL);
		while (waitpid(pid, &wait, 0) < 0 && errno == EINTR)
			;
	}
	close(out[0]);
	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return got > 0;
}

bool machine_too_old(char *text, unsigned size)
{
	unsigned major;

	return machine_version(text, size) &&
	       sscanf(text, "QEMU emulator version %u", &major) == 1 && major < QEMU_MAJOR_MIN;
}
