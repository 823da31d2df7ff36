/* Reading a cpio archive: headers of 110 ASCII characters, names and data padded
 * to 4 bytes.  Every length is checked against what is left. */
#include "kernel/fs/cpio.h"

#include <linux/errno.h>

#include "kernel/lib/string.h"

#define HEADER_BYTES 110
#define MAGIC        "070701"
#define TRAILER      "TRAILER!!!"
#define NAME_MAX_ALL 4096

/* Fields of the header behind the magic, 8 hexadecimal digits each. */
enum field {
	FIELD_INODE,
	FIELD_MODE,
	FIELD_UID,
	FIELD_GID,
	FIELD_LINKS,
	FIELD_MTIME,
	FIELD_SIZE,
	FIELD_MAJOR,
	FIELD_MINOR,
	FIELD_DEVICE_MAJOR,
	FIELD_DEVICE_MINOR,
	FIELD_NAME_SIZE,
	FIELD_CHECK,
	FIELDS
};

static bool hex_field(const uint8_t *text, uint32_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < 8; i++) {
		uint8_t c = text[i] | 0x20;
		unsigned digit = c >= '0' && c <= '9'   ? c - '0'
				 : c >= 'a' && c <= 'f' ? c - 'a' + 10
							: 16;

		if (digit > 15)
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static bool header_read(const uint8_t *at, uint32_t fields[FIELDS])
{
	if (memcmp(at, MAGIC, 6) != 0)
		return false;
	for (unsigned i = 0; i < FIELDS; i++) {
		if (!hex_field(at + 6 + 8 * i, &fields[i]))
			return false;
	}
	return true;
}

/* Names come as "bin/sh", "./bin/sh" or "/bin/sh". */
static const char *name_start(const char *name)
{
	for (;;) {
		if (name[0] == '/')
			name++;
		else if (name[0] == '.' && (name[1] == '/' || !name[1]))
			name++;
		else
			return name;
	}
}

bool cpio_more(const uint8_t *archive, size_t size, size_t *offset)
{
	while (*offset < size && !archive[*offset])
		++*offset;
	return *offset < size;
}

int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_member *out)
{
	uint32_t f[FIELDS];
	size_t name_at, data_at;
	const char *name;

	if (*offset > size || size - *offset < HEADER_BYTES || !header_read(archive + *offset, f))
		return -EINVAL;
	name_at = *offset + HEADER_BYTES;
	if (!f[FIELD_NAME_SIZE] || f[FIELD_NAME_SIZE] > NAME_MAX_ALL ||
	    f[FIELD_NAME_SIZE] > size - name_at)
		return -EINVAL;
	name = (const char *)archive + name_at;
	if (strnlen(name, f[FIELD_NAME_SIZE]) != f[FIELD_NAME_SIZE] - 1)
		return -EINVAL;
	data_at = ALIGN_UP(name_at + f[FIELD_NAME_SIZE], 4);
	if (strcmp(name, TRAILER) == 0) {
		*offset = MIN(data_at, size);
		return 0;
	}
	if (data_at > size || f[FIELD_SIZE] > size - data_at)
		return -EINVAL;
	*out = (struct cpio_member){
		.inode = f[FIELD_INODE],
		.mode = f[FIELD_MODE],
		.uid = f[FIELD_UID],
		.gid = f[FIELD_GID],
		.links = f[FIELD_LINKS],
		.mtime = f[FIELD_MTIME],
		.device_major = f[FIELD_DEVICE_MAJOR],
		.device_minor = f[FIELD_DEVICE_MINOR],
		.name = name_start(name),
		.data = archive + data_at,
		.size = f[FIELD_SIZE],
	};
	*offset = ALIGN_UP(data_at + f[FIELD_SIZE], 4);
	return 1;
}
