#include "tracer/vm/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/vm/control.h"
#include "tracer/vm/machine.h"

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text) && strlen(text) < 10;
}

/* The tracer tells where its file is, in its status. */
static void trace_ask(struct inspect *i)
{
	char *words[] = { (char *)"status", NULL };
	struct buffer answer = { 0 };
	const char *at;

	if (control_ask(i->socket, words, &answer, NULL) == 0) {
		at = strstr(buffer_text(&answer), "\ntrace ");
		if (at)
			i->trace = strndup(at + 7, strcspn(at + 7, "\n"));
	}
	buffer_free(&answer);
}

int inspect_open(struct inspect *i, const char *what, struct error *why)
{
	char *words[] = { (char *)"pause", NULL };
	const char *pid = what;
	struct stat st;
	int fd;

	*i = (struct inspect){ .ram = { .fd = -1 } };
	if (control_find(what, i->socket, sizeof(i->socket), why))
		return 2;
	if (!is_number(what))
		pid = strrchr(i->socket, '/') ? strrchr(i->socket, '/') + 1 : "";
	fd = is_number(pid) ? machine_memory(atoi(pid)) : -1;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(why, 2, "%s: no guest of yours runs there", what);
	ram_of_machine(&i->ram, fd, (uint64_t)st.st_size);
	i->ram.ours = true;
	trace_ask(i);
	i->paused = control_ask(i->socket, words, &i->registers, NULL) == 0;
	if (!i->paused)
		fprintf(stderr,
			"ringscope: %s: its tracer does not answer: the guest is looked at"
			" while it runs, and its CPUs' registers are not known\n",
			what);
	return 0;
}

void inspect_close(struct inspect *i)
{
	char *words[] = { (char *)"resume", NULL };
	struct buffer answer = { 0 };

	if (i->paused)
		control_ask(i->socket, words, &answer, NULL);
	buffer_free(&answer);
	buffer_free(&i->registers);
	free(i->trace);
	ram_close(&i->ram);
}
