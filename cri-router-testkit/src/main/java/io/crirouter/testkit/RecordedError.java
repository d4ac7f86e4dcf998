package io.crirouter.testkit;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The status of a real runtime for an error of a fake. Both texts have placeholders in braces, for
 * example for an id or a state.
 */
final class RecordedError {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)}");

  /** The placeholder for the id of an object that was not created. It is in no other message. */
  private static final String NEW_ID = "{new}";

  private final String rpc;
  private final Pattern fakePattern;
  private final List<String> names;
  private final Code code;
  private final String text;

  RecordedError(String rpc, String fakeText, Code code, String text) {
    this.rpc = rpc;
    this.code = code;
    this.text = text;
    names = new ArrayList<>();
    StringBuilder pattern = new StringBuilder();
    int end = 0;
    for (Matcher place = PLACEHOLDER.matcher(fakeText); place.find(); end = place.end()) {
      pattern.append(Pattern.quote(fakeText.substring(end, place.start()))).append("(.*?)");
      names.add(place.group());
    }
    pattern.append(Pattern.quote(fakeText.substring(end)));
    fakePattern = Pattern.compile(pattern.toString(), Pattern.DOTALL);
  }

  /** The status of the real runtime; empty if this is another rpc or another error. */
  Optional<RpcStatus> translate(String calledRpc, RpcStatus status) {
    Matcher match = fakePattern.matcher(status.message());
    if (!rpc.equals(calledRpc) || !match.matches()) {
      return Optional.empty();
    }
    String translated = text;
    for (int i = 0; i < names.size(); i++) {
      translated = translated.replace(names.get(i), match.group(i + 1));
    }
    return Optional.of(RpcStatus.of(code, translated.replace(NEW_ID, derivedId(status))));
  }

  private static String derivedId(RpcStatus status) {
    return FakeImage.sha256(status.message());
  }
}
