#include "kernel/debug/log.h"

#include "kernel/arch/x86_64/regs.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

#define DEBUG_CONSOLE 0xe9 /* QEMU's -debugcon */
#define LOG_SIZE      65536

/* The newest LOG_SIZE bytes.  Writers claim their part with one atomic add; a
 * reader may see a line that is still being written: the log is for people. */
static char log_ring[LOG_SIZE];
static uint64_t log_end; /* [a] bytes ever written */

void (*log_sink_trace)(enum log_level level, const char *text, size_t length);
void (*log_sink_port)(const char *text, size_t length);

/* One line at a time on the console.  A line that a panic or an NMI cut short must
 * not stop the next one, so patience is bounded. */
static uint32_t console_busy; /* [a] */
#define CONSOLE_PATIENCE 100000

static void console_write(const char *text, size_t n)
{
	for (int i = 0; i < CONSOLE_PATIENCE; i++) {
		if (!__atomic_exchange_n(&console_busy, 1, __ATOMIC_ACQUIRE))
			break;
		cpu_pause();
	}
	for (size_t i = 0; i < n; i++)
		port_write8(DEBUG_CONSOLE, text[i]);
	__atomic_store_n(&console_busy, 0, __ATOMIC_RELEASE);
}

static void log_keep(const char *text, size_t n)
{
	uint64_t at = __atomic_fetch_add(&log_end, n, __ATOMIC_RELAXED);

	for (size_t i = 0; i < n; i++)
		log_ring[(at + i) % LOG_SIZE] = text[i];
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[256];
	va_list arguments;
	size_t n;

	va_start(arguments, format);
	n = print_text_list(text, 241, format, arguments);
	va_end(arguments);
	n = MIN(n, 240);
	if (log_sink_trace)
		log_sink_trace(level, text, n);
	text[n++] = '\n';
	log_keep(text, n);
	console_write(text, n);
	if (log_sink_port)
		log_sink_port(text, n);
}

size_t log_read(uint64_t *from, char *to, size_t size)
{
	uint64_t end = __atomic_load_n(&log_end, __ATOMIC_RELAXED);
	uint64_t start = end > LOG_SIZE ? end - LOG_SIZE : 0;
	size_t n = 0;

	if (*from < start)
		*from = start;
	while (n < size && *from < end)
		to[n++] = log_ring[(*from)++ % LOG_SIZE];
	return n;
}

const char *log_memory(size_t *size, const uint64_t **end)
{
	*size = LOG_SIZE;
	*end = &log_end;
	return log_ring;
}
