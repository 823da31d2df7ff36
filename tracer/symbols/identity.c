#include "tracer/symbols/identity.h"

#include <elf.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/crc.h"

#define HEAD_MAX  4096u
#define WHOLE_MAX (64u << 20)

bool identity_build_id(Elf *elf, char *text, size_t size)
{
	const void *bytes = NULL;
	const ssize_t length = elf ? dwelf_elf_gnu_build_id(elf, &bytes) : 0;

	for (ssize_t i = 0; i < length && (size_t)i * 2 + 3 <= size; i++)
		snprintf(text + i * 2, 3, "%02x", ((const uint8_t *)bytes)[i]);
	return length > 0;
}

bool identity_head_build_id(const void *head, size_t n, char *text, size_t size)
{
	union {
		Elf64_Ehdr header;
		char bytes[HEAD_MAX];
	} copy = { 0 };
	bool found;
	Elf *elf;

	if (n < sizeof(copy.header) || n > sizeof(copy))
		return false;
	memcpy(&copy, head, n);
	if (memcmp(copy.bytes, ELFMAG, SELFMAG) != 0 || copy.header.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	/* Its sections are not here: without them libelf goes by the segments. */
	copy.header.e_shoff = 0;
	copy.header.e_shnum = 0;
	copy.header.e_shstrndx = SHN_UNDEF;
	elf_version(EV_CURRENT);
	elf = elf_memory(copy.bytes, n);
	found = identity_build_id(elf, text, size);
	elf_end(elf);
	return found;
}

static void digest_print(uint32_t crc, uint64_t n, char *text, size_t size)
{
	snprintf(text, size, "CRC-32C %08x of %llu bytes", crc, (unsigned long long)n);
}

void identity_bytes(const void *bytes, size_t n, char *text, size_t size)
{
	digest_print(crc32c(0, bytes, n), n, text, size);
}

bool identity_file(int fd, size_t n, char *text, size_t size)
{
	char bytes[HEAD_MAX];
	uint32_t crc = 0;
	struct stat stat;
	uint64_t at = 0;

	if (fd < 0 || fstat(fd, &stat) || (!n && stat.st_size > WHOLE_MAX))
		return false;
	for (const uint64_t all = n ? n : (uint64_t)stat.st_size; at < all;) {
		const size_t part = all - at < sizeof(bytes) ? (size_t)(all - at) : sizeof(bytes);
		const ssize_t got = pread(fd, bytes, part, (off_t)at);

		if (got < 0)
			return false;
		memset(bytes + got, 0, part - (size_t)got);
		crc = crc32c(crc, bytes, part);
		at += part;
	}
	digest_print(crc, at, text, size);
	return true;
}

bool identity_path(const char *path, char *text, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat stat;
	bool found = false;
	Elf *elf;

	if (fd < 0)
		return false;
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)) {
		elf_version(EV_CURRENT);
		elf = elf_begin(fd, ELF_C_READ, NULL);
		found = (elf && elf_kind(elf) == ELF_K_ELF && gelf_getclass(elf) == ELFCLASS64 &&
			 identity_build_id(elf, text, size)) ||
			identity_file(fd, 0, text, size);
		elf_end(elf);
	}
	close(fd);
	return found;
}
