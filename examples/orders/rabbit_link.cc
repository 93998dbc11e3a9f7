#include "rabbit_link.h"

#include <sys/time.h>

#include <amqp_tcp_socket.h>
#include <utility>

namespace orders {
namespace {

using lastcall::Failure;
using lastcall::Result;

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr int kLargestFrame = 128 * 1024;
constexpr std::uint16_t kPrefetch = 10;
constexpr std::uint8_t kPersistent = 2;

}  // namespace

Result<RabbitLink> RabbitLink::open(const std::string& host, int port, int heartbeat) {
  Connection connection(amqp_new_connection());
  amqp_socket_t* socket = amqp_tcp_socket_new(connection.get());
  if (socket == nullptr ||
      amqp_socket_open_noblock(socket, host.c_str(), port, &kPatience) != AMQP_STATUS_OK) {
    return lastcall::failure("cannot connect to RabbitMQ at " + host + ":" + std::to_string(port));
  }
  amqp_set_rpc_timeout(connection.get(), &kPatience);
  const amqp_rpc_reply_t login = amqp_login(connection.get(), "/", 0, kLargestFrame, heartbeat,
                                            AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  if (login.reply_type != AMQP_RESPONSE_NORMAL) {
    return lastcall::failure("RabbitMQ refused the login");
  }
  RabbitLink link(std::move(connection));
  amqp_channel_open(link.connection_.get(), kChannel);
  amqp_queue_declare(link.connection_.get(), kChannel, amqp_cstring_bytes(kQueue), 0, 1, 0, 0,
                     amqp_empty_table);
  amqp_confirm_select(link.connection_.get(), kChannel);
  return link.last_reply("declaring the queue").map([&] { return std::move(link); });
}

Result<void> RabbitLink::publish(const std::string& message) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = kPersistent;
  const amqp_bytes_t body{message.size(), const_cast<char*>(message.data())};  // it is only read
  if (amqp_basic_publish(connection_.get(), kChannel, amqp_empty_bytes, amqp_cstring_bytes(kQueue), 0, 0,
                         &properties, body) != AMQP_STATUS_OK) {
    return lastcall::failure("RabbitMQ: the connection is lost");
  }
  amqp_frame_t frame;
  timeval patience = kPatience;
  const int status = amqp_simple_wait_frame_noblock(connection_.get(), &frame, &patience);
  const bool confirmed = status == AMQP_STATUS_OK && frame.frame_type == AMQP_FRAME_METHOD &&
                         frame.payload.method.id == AMQP_BASIC_ACK_METHOD;
  return confirmed ? Result<void>() : lastcall::failure("RabbitMQ did not confirm the message");
}

Result<amqp_connection_state_t> RabbitLink::consume(const std::string& tag) {
  amqp_basic_qos(connection_.get(), kChannel, 0, kPrefetch, 0);
  amqp_basic_consume(connection_.get(), kChannel, amqp_cstring_bytes(kQueue), amqp_cstring_bytes(tag.c_str()),
                     0, 0, 0, amqp_empty_table);
  return last_reply("consuming").map([&] { return connection_.release(); });
}

void RabbitLink::close() {
  amqp_channel_close(connection_.get(), kChannel, AMQP_REPLY_SUCCESS);
  amqp_connection_close(connection_.get(), AMQP_REPLY_SUCCESS);
}

Result<void> RabbitLink::last_reply(const char* what) const {
  const bool well = amqp_get_rpc_reply(connection_.get()).reply_type == AMQP_RESPONSE_NORMAL;
  return well ? Result<void>() : lastcall::failure(std::string("RabbitMQ: ") + what + " failed");
}

}  // namespace orders
