#include "tracer/vm/arguments.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/trace.h"

static void arg(struct arguments *a, const char *text)
{
	if (a->count == ARGUMENTS_MAX)
		a->failed = true;
	else
		a->list[a->count++] = text;
}

static void arg_printf(struct arguments *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void arg_printf(struct arguments *a, const char *format, ...)
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
static void memory_args(struct arguments *a, const struct machine_config *c, int memory)
{
	arg(a, "-M");
	arg(a, "pc,memory-backend=ram");
	arg(a, "-m");
	arg_printf(a, "%u", c->memory + c->answers);
	arg(a, "-object");
	arg_printf(a, "memory-backend-file,id=ram,share=on,size=%uM,mem-path=/proc/self/fd/%d",
		   c->memory + c->answers, memory);
}

static void machine_args(struct arguments *a, const struct machine_config *c)
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
static void tree_arg(struct arguments *a, const char *directory, const char *tag, bool writable,
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

static void tree_args(struct arguments *a, const struct machine_config *c)
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
static void chardev_arg(struct arguments *a, const struct machine_config *c, int port, int theirs)
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
static void port_args(struct arguments *a, const struct machine_config *c,
		      const int theirs[PORT_LIMIT])
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

void arguments_make(struct arguments *a, const struct machine_config *c, int memory,
		    const int theirs[PORT_LIMIT])
{
	*a = (struct arguments){ 0 };
	machine_args(a, c);
	memory_args(a, c, memory);
	if (c->tree)
		tree_args(a, c);
	port_args(a, c, theirs);
}

void arguments_free(struct arguments *a)
{
	for (unsigned i = 0; i < a->made_count; i++)
		free(a->made[i]);
}

void arguments_tell(struct buffer *to, const struct arguments *a)
{
	for (unsigned i = 0; i < a->count; i++) {
		const bool plain = a->list[i][strcspn(a->list[i], " '\"\\$")] == '\0';

		buffer_string(to, i ? plain ? " " : " '" : plain ? "" : "'");
		buffer_string(to, a->list[i]);
		buffer_string(to, plain ? "" : "'");
	}
}
