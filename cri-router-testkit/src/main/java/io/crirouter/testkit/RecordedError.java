package io.crirouter.testkit;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a real runtime says where a fake says something else. Both texts have names in braces where
 * an id, a state or the like stands.
 */
final class RecordedError {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)}");

  /** Stands for the id of what was to be made, which nobody hears of otherwise. */
  private static final String NEW_ID = "{new}";

  private final String rpc;
  private final Pattern fakes;
  private final List<String> names;
  private final Code code;
  private final String text;

  RecordedError(String rpc, String fakesText, Code code, String text) {
    this.rpc = rpc;
    this.code = code;
    this.text = text;
    names = new ArrayList<>();
    StringBuilder pattern = new StringBuilder();
    int end = 0;
    for (Matcher place = PLACEHOLDER.matcher(fakesText); place.find(); end = place.end()) {
      pattern.append(Pattern.quote(fakesText.substring(end, place.start()))).append("(.*?)");
      names.add(place.group());
    }
    pattern.append(Pattern.quote(fakesText.substring(end)));
    fakes = Pattern.compile(pattern.toString(), Pattern.DOTALL);
  }

  /** The runtime's own status, if this is the call and the situation. */
  Optional<RpcStatus> translate(String calledRpc, RpcStatus status) {
    Matcher said = fakes.matcher(status.message());
    if (!rpc.equals(calledRpc) || !said.matches()) {
      return Optional.empty();
    }
    String translated = text;
    for (int i = 0; i < names.size(); i++) {
      translated = translated.replace(names.get(i), said.group(i + 1));
    }
    return Optional.of(RpcStatus.of(code, translated.replace(NEW_ID, madeUpId(status))));
  }

  private static String madeUpId(RpcStatus status) {
    return FakeImage.sha256(status.message());
  }
}
