package io.crirouter.core.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Routing;
import io.crirouter.proto.routing.RoutingProto;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A new rpc is a few lines in proto/ and no Java. */
class DescriptorReaderTest {
  private static final Routing BY_CONTAINER =
      Routing.newBuilder().setRoute(Route.CONTAINER).build();

  @Test
  void anRpcWithoutARouteIsRefusedByName() throws Exception {
    FileDescriptor file = file(MethodDescriptorProto.newBuilder().setName("Freeze"));

    assertThatIllegalStateException()
        .isThrownBy(() -> new DescriptorReader().read(file))
        .withMessageContaining("Freezer.Freeze");
  }

  @Test
  void aNewRpcNeedsNothingButItsOptions() throws Exception {
    MethodDescriptorProto.Builder rpc =
        MethodDescriptorProto.newBuilder().setName("Freeze").setServerStreaming(true);
    rpc.getOptionsBuilder().setExtension(RoutingProto.routing, BY_CONTAINER);

    MethodSchema method = new DescriptorReader().read(file(rpc)).require("Freeze");

    assertThat(method.service()).isEqualTo("Freezer");
    assertThat(method.name()).isEqualTo("Freeze");
    assertThat(method.serverStreaming()).isTrue();
    assertThat(method.route()).isEqualTo(Route.CONTAINER);
    assertThat(references(method.request()))
        .containsExactly("container_id", "others[].container_id");
  }

  @Test
  void fieldsThatDoNotMatterAreLeftOut() throws Exception {
    MethodDescriptorProto.Builder rpc = MethodDescriptorProto.newBuilder().setName("Freeze");
    rpc.getOptionsBuilder().setExtension(RoutingProto.routing, BY_CONTAINER);

    MethodSchema method = new DescriptorReader().read(file(rpc)).require("Freeze");

    assertThat(method.request().fields())
        .extracting(FieldSchema::name)
        .containsExactly("container_id", "others");
    assertThat(method.response().fields()).as("only a message without references").isEmpty();
  }

  /**
   * A service with one rpc: a request with a reference, a comment, and a list of messages with a
   * reference; a response with a message without one.
   */
  private static FileDescriptor file(MethodDescriptorProto.Builder rpc)
      throws DescriptorValidationException {
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("freezer.proto")
            .setPackage("test")
            .setSyntax("proto3")
            .addMessageType(
                message(
                    "Request",
                    reference(),
                    text(2),
                    field("others", 3, "Other")
                        .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED)))
            .addMessageType(message("Other", text(2), reference()))
            .addMessageType(message("Response", field("plain", 1, "Plain")))
            .addMessageType(message("Plain", text(2)))
            .addService(
                ServiceDescriptorProto.newBuilder()
                    .setName("Freezer")
                    .addMethod(rpc.setInputType(".test.Request").setOutputType(".test.Response")))
            .build();
    return FileDescriptor.buildFrom(
        file, new FileDescriptor[] {RoutingProto.getDescriptor()}, true);
  }

  private static DescriptorProto message(String name, FieldDescriptorProto.Builder... fields) {
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
    for (FieldDescriptorProto.Builder field : fields) {
      message.addField(field);
    }
    return message.build();
  }

  private static FieldDescriptorProto.Builder reference() {
    FieldDescriptorProto.Builder field = text(1).setName("container_id");
    field.getOptionsBuilder().setExtension(RoutingProto.ref, Reference.CONTAINER_ID);
    return field;
  }

  private static FieldDescriptorProto.Builder text(int number) {
    return FieldDescriptorProto.newBuilder()
        .setName("comment")
        .setNumber(number)
        .setType(FieldDescriptorProto.Type.TYPE_STRING)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
  }

  private static FieldDescriptorProto.Builder field(String name, int number, String type) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
        .setTypeName(".test." + type)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
  }

  private static List<String> references(MessageSchema message) {
    List<String> references = new ArrayList<>();
    message.forEachReference((path, field) -> references.add(path.toString()));
    return references;
  }
}
