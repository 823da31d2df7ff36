/* What the calls on sockets share. */
#ifndef KERNEL_SYSCALL_SOCKET_ADDRESS_H
#define KERNEL_SYSCALL_SOCKET_ADDRESS_H

#include "kernel/net/socket.h"

/* The caller's socket behind fd: *f with a reference, -EBADF, -ENOTSOCK. */
int socket_get(uint64_t fd, struct file **f, struct socket **s);
/* A struct sockaddr_un of the program; *none: family AF_UNSPEC. */
int socket_address_in(uint64_t addr, uint64_t length, struct socket_address *out, bool *none);
/* Give the program an address; length_at: an int, in and out. */
int socket_address_out(uint64_t addr, uint64_t length_at, const struct socket_address *a);
/* sendmsg and recvmsg with the struct msghdr at `at`. */
int64_t socket_send_header(struct file *f, struct socket *s, uint64_t at, uint64_t flags);
int64_t socket_receive_header(struct file *f, struct socket *s, uint64_t at, uint64_t flags);
/* Look paths up as the caller. */
struct lookup socket_lookup(void);

#endif
