/*
** For tests of the network's own security: certificates made for the occasion, a TLS server that answers with a page of one link, and
** a proxy that keeps what it was asked.
*/
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A folder with certificates for servers on loopback, each with its key: of an authority: right, elsewhere (for another host),
** expired; and selfsigned. In the folder "system" the authority is as libcurl looks for those of a system. NULL after a message when the program openssl fails. To be freed by tls_remove. */
char *tls_make_certificates(void);
void tls_remove(char *folder);

struct tls_server;
/* Shows the certificate of that name in the folder. */
struct tls_server *tls_start(const char *folder, const char *name);
void tls_stop(struct tls_server *server);
unsigned tls_port(const struct tls_server *server);
/* Requests whose head could be read: those of clients that trust the server. */
size_t tls_requests(struct tls_server *server);

/* The same over HTTP/2: the program nghttpd with the certificate "right". Gives its process and port; 0 where the program is missing, which
** ends the test run where CI is set. */
pid_t http2_start(const char *folder, unsigned *port);
void http2_stop(pid_t server);

/* libcurl's folder of authorities, in the place of the one it was built with; NULL: that one. */
void tls_set_authorities(const char *path);
/* The version that libcurl says it is, 0xXXYYZZ; 0: its own. */
void tls_set_library_version(unsigned version);

struct proxy;
/* A proxy on loopback: it opens tunnels, or refuses them, and responses what is to be forwarded with a page of one link itself. */
struct proxy *proxy_start(bool refuses);
void proxy_stop(struct proxy *proxy);
unsigned proxy_port(const struct proxy *proxy);
/* The head of the last request, "" without one; until the next call. */
const char *proxy_head(struct proxy *proxy);

#endif
