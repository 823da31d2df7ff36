/* Flags of sends and receives: MSG_* of Linux, which no UAPI header names
 * (include/linux/socket.h). */
#ifndef KERNEL_NET_SOCKET_FLAGS_H
#define KERNEL_NET_SOCKET_FLAGS_H

#define MSG_OOB          0x1
#define MSG_PEEK         0x2
#define MSG_CTRUNC       0x8
#define MSG_TRUNC        0x20
#define MSG_DONTWAIT     0x40
#define MSG_WAITALL      0x100
#define MSG_NOSIGNAL     0x4000
#define MSG_WAITFORONE   0x10000
#define MSG_CMSG_CLOEXEC 0x40000000

#define SCM_RIGHTS      1
#define SCM_CREDENTIALS 2

#endif
