#include "tracer/vm/machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schemas/trace.h"
#include "tracer/vm/answers.h"

/* isa-debug-exit and modern virtio-serial behave as needed from this version on. */
#define QEMU_MAJOR_MIN 6

/* What the kernel may queue towards us before it has to wait. */
#define TRACE_BUFFER (4 << 20)

#define ARGS_MAX 256

struct args {
	const char *list[ARGS_MAX + 1];
	unsigned count;
	char *made[64]; /* those to free */
	unsigned made_count;
	bool failed;
};

static void arg(struct args *a, const char *text)
{
	if (a->count == ARGS_MAX)
		a->failed = true;
	else
		a->list[a->count++] = text;
}

static void arg_printf(struct args *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void arg_printf(struct args *a, const char *format, ...)
{
	char *text = NULL;
	va_list list;

	va_start(list, format);
	if (a->made_count == sizeof(a->made) / sizeof(a->made[0]) ||
	    vasprintf(&text, format, list) < 0)
		a->failed = true;
	else
		arg(a, a->made[a->made_count++] = text);
	va_end(list);
}

const char *machine_program(void)
{
	const char *program = getenv("RINGSCOPE_QEMU");

	return program && *program ? program : "qemu-system-x86_64";
}

/* qboot starts the kernel twice as fast as QEMU's default firmware. */
static bool qboot_there(void)
{
	static const char *const places[] = {
		"/usr/share/qemu/qboot.rom",
		"/usr/local/share/qemu/qboot.rom",
		"/usr/share/qemu-kvm/qboot.rom",
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], R_OK) == 0)
			return true;
	return false;
}

/* RAM is a file that we have, too: what is in it can be read whatever becomes of QEMU. */
static void memory_args(struct args *a, const struct machine_config *c, int memory)
{
	arg(a, "-M");
	arg(a, "pc,memory-backend=ram");
	arg(a, "-m");
	arg_printf(a, "%u", c->memory + c->answers);
	arg(a, "-object");
	arg_printf(a, "memory-backend-file,id=ram,share=on,size=%uM,mem-path=/proc/self/fd/%d",
		   c->memory + c->answers, memory);
}

static void machine_args(struct args *a, const struct machine_config *c)
{
	arg(a, machine_program());
	if (qboot_there()) {
		arg(a, "-bios");
		arg(a, "qboot.rom");
	}
	arg(a, "-accel");
	arg(a, c->kvm ? "kvm" : c->cpus > 1 ? "tcg,thread=multi" : "tcg");
	arg(a, "-cpu");
	arg(a, c->exact ? "max,rdrand=off,rdseed=off" : "max");
	arg(a, "-smp");
	arg_printf(a, "%u", c->cpus);
	for (const char *const *fixed =
		     (const char *const[]){ "-nodefaults", "-display", "none", "-action",
					    /* A machine that ended stays as it was, until
					     * we have looked at it. */
					    "reboot=shutdown,shutdown=pause,panic=pause", "-device",
					    "pvpanic", "-global", "apic-common.vapic=off", NULL };
	     *fixed; fixed++)
		arg(a, *fixed);
	if (c->icount) {
		arg(a, "-icount");
		arg_printf(a, "shift=0,sleep=off%s%s", c->record ? "," : "",
			   c->record ? c->record : "");
		arg(a, "-rtc");
		arg(a, "base=2024-01-01T00:00:00,clock=vm");
	}
	arg(a, "-kernel");
	arg(a, c->kernel);
	arg(a, "-initrd");
	arg_printf(a, "/proc/self/fd/%d", c->initramfs);
	arg(a, "-append");
	arg(a, c->append);
	arg(a, "-device");
	arg(a, "isa-debug-exit,iobase=0x501,iosize=1");
}

/* A directory as a 9p device; commas of its path are doubled in QEMU's options. */
static void tree_arg(struct args *a, const char *directory, const char *tag, bool writable,
		     bool icount)
{
	char path[8192];
	size_t length = 0;

	for (const char *at = directory; *at && length < sizeof(path) - 2; at++) {
		path[length++] = *at;
		if (*at == ',')
			path[length++] = ',';
	}
	path[length] = '\0';
	arg(a, "-fsdev");
	arg_printf(a, "local,id=%s,path=%s,security_model=none,multidevs=remap%s", tag, path,
		   writable ? "" : ",readonly=on");
	arg(a, "-device");
	arg_printf(a, "virtio-9p-pci,fsdev=%s,mount_tag=%s,disable-legacy=on%s", tag, tag,
		   icount ? ",ioeventfd=off" : "");
}

static void tree_args(struct args *a, const struct machine_config *c)
{
	tree_arg(a, c->tree, "host", false, c->icount);
	for (unsigned i = 0; i < c->places->count; i++) {
		const struct place *p = &c->places->list[i];

		if (p->kind == PLACE_WRITABLE)
			tree_arg(a, p->host, p->tag, true, c->icount);
	}
}

/* What QEMU does with a port's bytes.  A file takes them at once; in an exact run its
 * input comes packed, and nothing comes by a port. */
static void chardev_arg(struct args *a, const struct machine_config *c, int port, int theirs)
{
	arg(a, "-chardev");
	if (c->directory)
		arg_printf(a, "socket,id=c%d,fd=%d,server=on,wait=on", port, theirs);
	else if (!c->exact)
		arg_printf(a, "socket,id=c%d,fd=%d", port, theirs);
	else if (c->mute && port != PORT_INPUT)
		arg_printf(a, "file,id=c%d,path=/dev/null", port); /* of null the guest is told
								    * that nobody listens */
	else if (port == PORT_INPUT)
		arg_printf(a, "null,id=c%d", port);
	else
		arg_printf(a, "file,id=c%d,path=/proc/self/fd/%d", port, theirs);
}

/* The guest's ports: number, name, and the descriptor that QEMU gets. */
static void port_args(struct args *a, const struct machine_config *c, const int theirs[PORT_LIMIT])
{
	static const char *const names[] = {
		[PORT_TRACE] = TRACE_PORT_NAME,   [PORT_INPUT] = INPUT_PORT_NAME,
		[PORT_OUTPUT] = OUTPUT_PORT_NAME, [PORT_ERROR] = ERROR_PORT_NAME,
		[PORT_LOG] = LOG_PORT_NAME,       [PORT_CORE] = CORE_PORT_NAME,
	};

	arg(a, "-device");
	arg_printf(a, "virtio-serial-pci,disable-legacy=on,max_ports=16%s",
		   c->icount ? ",ioeventfd=off" : "");
	for (int port = PORT_TRACE; port <= PORT_CORE; port++) {
		chardev_arg(a, c, port, theirs[port]);
		arg(a, "-device");
		arg_printf(a, "virtserialport,chardev=c%d,nr=%d,name=%s", port, port + 1,
			   names[port]);
	}
	arg(a, "-chardev");
	arg_printf(a, "socket,id=c%d,fd=%d%s", PORT_MONITOR, theirs[PORT_MONITOR],
		   c->directory ? ",server=on,wait=off" : "");
	arg(a, "-mon");
	arg_printf(a, "chardev=c%d,mode=control", PORT_MONITOR);
	chardev_arg(a, c, PORT_EARLY, theirs[PORT_EARLY]);
	arg(a, "-device");
	arg_printf(a, "isa-debugcon,iobase=0xe9,chardev=c%d", PORT_EARLY);
	if (c->monitor) {
		arg(a, "-chardev");
		arg_printf(a, "socket,id=monitor,fd=%d", theirs[PORT_INPUT]);
		arg(a, "-mon");
		arg(a, "monitor");
	}
	for (char *const *extra = c->extra; *extra; extra++)
		arg(a, *extra);
	a->list[a->count] = NULL;
}

/* In the child, up to exec: only what is safe there.  parent 0: it may outlive it. */
static _Noreturn void child_run(const struct args *a, const int theirs[PORT_LIMIT],
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

static int machine_fork(struct machine *m, const struct args *a, const int theirs[PORT_LIMIT],
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

static void arguments_tell(struct buffer *to, const struct args *a)
{
	for (unsigned i = 0; i < a->count; i++) {
		const bool plain = a->list[i][strcspn(a->list[i], " '\"\\$")] == '\0';

		buffer_string(to, i ? plain ? " " : " '" : plain ? "" : "'");
		buffer_string(to, a->list[i]);
		buffer_string(to, plain ? "" : "'");
	}
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
	struct args a = { 0 };
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
	machine_args(&a, config);
	memory_args(&a, config, m->memory);
	if (config->tree)
		tree_args(&a, config);
	port_args(&a, config, theirs);
	arguments_tell(&m->arguments, &a);
	error = a.failed ? E2BIG
			 : machine_fork(m, &a, theirs, config->initramfs,
					config->directory ? 0 : getpid());
	for (unsigned i = 0; i < a.made_count; i++)
		free(a.made[i]);
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
