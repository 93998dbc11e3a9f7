# A Rack app for puma. Every response is logged once its last byte is out.
class Body
  def initialize(path, size)
    @path, @size = path, size
  end

  def each
    piece = "x" * 65_536
    (@size / piece.size).times { yield piece }
    yield "x" * (@size % piece.size) if @size % piece.size > 0
  end

  def close
    $stdout.syswrite("answered #{@path}\n")
  end
end

SIZES = { "/large" => 4 * 1024 * 1024 }.freeze

run lambda { |env|
  path = env["PATH_INFO"]
  case path
  when "/slow" then sleep 1.5
  when "/upload" then env["rack.input"].read
  else sleep 0.004
  end
  size = SIZES.fetch(path, 2)
  [200, { "Content-Type" => "text/plain", "Content-Length" => size.to_s }, Body.new(path, size)]
}
