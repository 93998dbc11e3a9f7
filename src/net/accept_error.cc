#include "net/accept_error.h"

#include <errno.h>

namespace lastcall::net {

AcceptError classify_accept_error(int error) {
  switch (-error) {
    case EAGAIN:
    case EINVAL:
      return AcceptError::none_waiting;
    case ECONNABORTED:
    case EPERM:  // a firewall's rule
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case ETIMEDOUT:
      return AcceptError::that_client_only;
    default:
      return AcceptError::out_of_resources;
  }
}

}  // namespace lastcall::net
