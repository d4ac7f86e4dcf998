package io.crirouter.examples.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** nginx as a gRPC proxy: one worker, one upstream, no logs. */
final class Nginx {
  static final String PROGRAM =
      List.of("/usr/sbin/nginx", "/usr/bin/nginx").stream()
          .filter(path -> Files.isExecutable(Path.of(path)))
          .findFirst()
          .orElse("nginx");

  private Nginx() {}

  /** Whether nginx is installed. */
  static boolean isInstalled() {
    try {
      return new ProcessBuilder(PROGRAM, "-v").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * A configuration that writes only in {@code folder}. Buffers hold a megabyte and connections
   * stay open, so that only the forwarding is measured.
   */
  static String config(Path folder, Path socket, Path runtime) {
    return """
        daemon off;
        user root;
        worker_processes 1;
        pid FOLDER/nginx.pid;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path FOLDER/nginx-body;
          proxy_temp_path FOLDER/nginx-proxy;
          fastcgi_temp_path FOLDER/nginx-fastcgi;
          uwsgi_temp_path FOLDER/nginx-uwsgi;
          scgi_temp_path FOLDER/nginx-scgi;
          http2_max_concurrent_streams 1024;
          http2_chunk_size 64k;
          keepalive_requests 1000000000;
          keepalive_timeout 1h;
          keepalive_time 24h;
          grpc_buffer_size 1m;
          upstream runtime {
            server unix:RUNTIME;
            keepalive 64;
            keepalive_requests 1000000000;
            keepalive_timeout 1h;
            keepalive_time 24h;
          }
          server {
            listen unix:SOCKET http2;
            location / { grpc_pass grpc://runtime; }
          }
        }
        """
        .replace("FOLDER", folder.toString())
        .replace("SOCKET", socket.toString())
        .replace("RUNTIME", runtime.toString());
  }
}
