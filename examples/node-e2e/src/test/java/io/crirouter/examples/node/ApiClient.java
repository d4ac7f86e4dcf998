package io.crirouter.examples.node;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A client of the API server. Manifests are YAML, answers JSON. Thread-safe. */
final class ApiClient {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final String server;
  private final String token;
  private final HttpClient http;

  /** The answer to one request. */
  record Answer(int code, String body) {
    JsonObject json() {
      return JsonParser.parseString(body).getAsJsonObject();
    }

    /**
     * The same.
     *
     * @throws IllegalStateException if it is an error
     */
    @CanIgnoreReturnValue
    Answer orThrow() {
      if (code >= 300) {
        throw new IllegalStateException("the API server answered %d: %s".formatted(code, body));
      }
      return this;
    }
  }

  ApiClient(String server, Path certificate, String token) {
    this.server = server;
    this.token = token;
    this.http =
        HttpClient.newBuilder()
            .sslContext(trusting(certificate))
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
  }

  private static SSLContext trusting(Path certificate) {
    try (InputStream file = Files.newInputStream(certificate)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
        store.setCertificateEntry("certificate-" + count++, each);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException e) {
      throw new UncheckedIOException(certificate + " cannot be read", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(certificate + " cannot be trusted", e);
    }
  }

  boolean isReady() {
    try {
      return send("GET", "/readyz", "").code() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  JsonObject get(String path) {
    return send("GET", path, "").orThrow().json();
  }

  @CanIgnoreReturnValue
  JsonObject post(String path, String yaml) {
    return send("POST", path, yaml).orThrow().json();
  }

  Answer send(String method, String path, String yaml) {
    return send(method, path, "application/yaml", yaml);
  }

  Answer send(String method, String path, String type, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server + path))
            .timeout(LIMIT)
            .header("Authorization", "Bearer " + token)
            .header("Accept", "application/json")
            .header("Content-Type", type)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException("the API server does not answer " + method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking the API server", e);
    }
  }
}
