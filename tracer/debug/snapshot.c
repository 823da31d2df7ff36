#include "tracer/debug/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define CLUSTER_BITS 16
#define CLUSTER      (1u << CLUSTER_BITS)
#define DISK_SIZE    (1u << 20) /* as a disk nobody uses it */

/* The image has four clusters: header, reference table, reference counts, and the table of
 * what the disk has, which is nothing.  QEMU's docs/interop/qcow2.txt, version 2. */
enum cluster { HEADER, REFERENCE_TABLE, REFERENCES, DISK_TABLE, CLUSTERS };

static void big_put(uint8_t *at, uint64_t value, unsigned bytes)
{
	while (bytes--) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static bool part_write(int fd, enum cluster cluster, const uint8_t *bytes, size_t count)
{
	return pwrite(fd, bytes, count, (off_t)cluster * CLUSTER) == (ssize_t)count;
}

static bool parts_write(int fd)
{
	uint8_t header[72] = { 'Q', 'F', 'I', 0xfb }, table[8] = { 0 }, counts[2 * CLUSTERS];

	big_put(header + 4, 2, 4); /* version */
	big_put(header + 20, CLUSTER_BITS, 4);
	big_put(header + 24, DISK_SIZE, 8);
	big_put(header + 36, 1, 4); /* entries of the disk's table */
	big_put(header + 40, DISK_TABLE * CLUSTER, 8);
	big_put(header + 48, REFERENCE_TABLE * CLUSTER, 8);
	big_put(header + 56, 1, 4); /* its clusters */
	big_put(table, REFERENCES * CLUSTER, 8);
	for (unsigned i = 0; i < CLUSTERS; i++)
		big_put(counts + 2 * (size_t)i, 1, 2);
	return part_write(fd, HEADER, header, sizeof(header)) &&
	       part_write(fd, REFERENCE_TABLE, table, sizeof(table)) &&
	       part_write(fd, REFERENCES, counts, sizeof(counts)) &&
	       ftruncate(fd, CLUSTERS * CLUSTER) == 0;
}

int snapshot_image(const char *path, struct error *why)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const bool good = fd >= 0 && parts_write(fd);
	const int error = errno;

	if (fd >= 0)
		close(fd);
	return good ? 0 : error_set(why, 2, "%s: %s", path, strerror(error));
}
