#include "tracer/vm/answers.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schemas/answers.h"
#include "tracer/store/inputs.h"
#include "tracer/store/meta.h"

static int file_copy(int from, int to, uint64_t at, struct error *why)
{
	char bytes[65536];
	off_t offset = 0;
	ssize_t got;

	while ((got = pread(from, bytes, sizeof(bytes), offset)) > 0) {
		if (pwrite(to, bytes, (size_t)got, (off_t)at + offset) != got)
			return error_set(why, 125, "the host's answers: %s", strerror(errno));
		offset += got;
	}
	return got < 0 ? error_set(why, 125, "the host's answers: %s", strerror(errno)) : 0;
}

int answers_begin(int memory, uint64_t at, int given, struct error *why)
{
	struct answers_head head = { .magic = ANSWERS_MAGIC, .mode = ANSWERS_KEEP };
	struct stat st = { 0 };

	if (given >= 0) {
		if (fstat(given, &st) < 0 || file_copy(given, memory, at + sizeof(head), why))
			return error_set(why, 125, "the host's answers do not fit");
		head.mode = ANSWERS_GIVE;
		head.size = (uint64_t)st.st_size;
	}
	if (pwrite(memory, &head, sizeof(head), (off_t)at) != sizeof(head))
		return error_set(why, 125, "the host's answers: %s", strerror(errno));
	return 0;
}

int answers_store(sqlite3 *db, int memory, uint64_t at, unsigned mib, struct error *why)
{
	struct answers_head head;
	struct stat st;

	if (fstat(memory, &st) < 0 || pread(memory, &head, sizeof(head), (off_t)at) != sizeof(head))
		return error_set(why, 125, "the host's answers: %s", strerror(errno));
	if (head.full) {
		meta_set_integer(db, "answers_mib", ANSWERS_TOO_MANY);
		return error_set(why, 125,
				 "this cannot be replayed: the host's files gave more than %u MiB;"
				 " --answers takes up to %u",
				 mib, ANSWERS_MAX_MIB);
	}
	at += sizeof(head);
	if (memcmp(head.magic, ANSWERS_MAGIC, sizeof(head.magic)) != 0 ||
	    head.size > (uint64_t)st.st_size - at)
		return error_set(why, 125,
				 "this cannot be replayed: the guest has overwritten"
				 " what the host answered");
	return input_save_part(db, "file tree", memory, at, head.size, why) ? 125 : 0;
}
