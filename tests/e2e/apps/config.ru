# A Rack app for puma. Logs every response once its last byte is out, with the time at which that was handed over.
class Body
  def initialize(path, size)
    @path, @size = path, size
  end

  def each
    piece = "x" * 65_536
    (@size / piece.size).times { yield piece }
    @handed_over = Time.now
    yield "x" * (@size % piece.size)
  end

  def close
    $stdout.syswrite("answered #{@path} #{@handed_over.to_f.round(3)}\n")
  end
end

SIZES = { "/download" => 4 * 1024 * 1024, "/large" => 16 * 1024 * 1024 }.freeze

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
